-- One row per region (the 21 by county code). Shipped rows with the installation’s own.
{{ merge_installation('regions', ['region_code']) }}
