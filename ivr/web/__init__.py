"""Pages and the API for staff and their systems: one blueprint factory per noun, no globals."""
