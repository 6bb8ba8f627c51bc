{
    "name": "Shop bridge",
    "summary": "Orders of the web shop become sales orders",
    "version": "18.0.1.0.0",
    "license": "LGPL-3",
    "depends": ["sale_management"],
    "data": [],
}
