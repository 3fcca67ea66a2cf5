-- One row per care area. Shipped rows with the installation’s own.
{{ merge_installation('care_areas', ['care_area']) }}
