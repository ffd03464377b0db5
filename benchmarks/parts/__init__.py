"""The measurements, a module each: a setting in, a result out; starting the server is not their task."""
