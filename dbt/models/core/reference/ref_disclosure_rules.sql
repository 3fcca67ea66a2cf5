-- One row per rule of disclosure control and first day of its validity. Shipped rows with the installation’s own.
{{ merge_installation('disclosure_rules', ['rule_id', 'valid_from']) }}
