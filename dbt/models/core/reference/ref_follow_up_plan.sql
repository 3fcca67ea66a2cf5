-- One row per region, year and indicator of the plan of the annual follow-up. Shipped rows with the installation’s own.
{{ merge_installation('follow_up_plan', ['region_code', 'year', 'indicator_id']) }}
