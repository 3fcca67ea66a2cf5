-- One row per criterion of reliable billing data, kind of unit (hospital, municipality) and first day of its threshold.
-- Shipped rows with the installation’s own.
{{ merge_installation('billing_criteria', ['criterion', 'unit_type', 'valid_from']) }}
