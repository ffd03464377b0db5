"""What both kinds of databases stand on, without one."""
