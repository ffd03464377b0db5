"""The siege: what members notice while strangers and a hostile member do all they can."""
