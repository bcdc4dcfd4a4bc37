package feature

import (
	"context"
	"sync"
)

// Share makes the loader use the cache of the context, if there is one.
func (l *Loader) Share(ctx context.Context) { l.cache, _ = ctx.Value(cacheKey{}).(*Cache) }

// A Cache keeps the scenarios of files, for several runs of one suite with the same
// definitions. Cached scenarios are never changed. The zero value is ready for use, by
// several goroutines at once.
type Cache struct {
	mu    sync.Mutex
	files map[cached][]*Scenario
}

func (c *Cache) get(show string, sum uint64) ([]*Scenario, bool) {
	if c == nil {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	list, ok := c.files[cached{show, sum}]
	return list, ok
}

// put adds scenarios to the cache. It first defines their steps, because several runs
// may use them at once.
func (c *Cache) put(show string, sum uint64, list []*Scenario, define func(...*Scenario)) {
	if c == nil {
		return
	}
	define(list...)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil {
		c.files = map[cached][]*Scenario{}
	}
	c.files[cached{show, sum}] = list
}

// cached is a file that was read.
type cached struct {
	show string
	sum  uint64
}

type cacheKey struct{}

// Context returns a context in which loaders use the cache.
func (c *Cache) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, cacheKey{}, c)
}
