-- One row per region (or SE), payment class (or all) and first day of a period with or without invoicing. Shipped rows
-- with the installation’s own.
{{ merge_installation('invoicing_periods', ['region_code', 'payment_class', 'valid_from']) }}
