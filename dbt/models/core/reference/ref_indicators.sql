-- One row per indicator. Shipped rows with the installation’s own.
{{ merge_installation('indicators', ['indicator_id']) }}
