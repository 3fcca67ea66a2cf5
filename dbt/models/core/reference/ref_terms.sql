-- One row per term. Shipped rows with the installation’s own.
{{ merge_installation('terms', ['name']) }}
