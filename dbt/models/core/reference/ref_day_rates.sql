-- One row per region (or SE), payment class (or all) and first day of a rate. Shipped rows with the installation’s
-- own.
{{ merge_installation('day_rates', ['region_code', 'payment_class', 'valid_from']) }}
