-- One row per region (or SE) and first day of a calendar for deliveries and publication. Shipped rows with the
-- installation’s own.
{{ merge_installation('release_calendar', ['region_code', 'valid_from']) }}
