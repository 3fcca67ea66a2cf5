-- One row per agreement on when the municipality’s payment responsibility begins. Shipped rows with the installation’s
-- own.
{{ merge_installation('agreements', ['agreement_id']) }}
