package mockserver

import "time"

// Bounded returns the configuration with other bounds than a server has: zero leaves one as it is.
func Bounded(c Config, limit int, idle time.Duration) Config {
	c.limit, c.idle = limit, idle
	return c
}
