-- One row per municipality code of SCB’s list (290). Shipped rows with the installation’s own.
{{ merge_installation('municipalities', ['municipality_code']) }}
