package feature

import (
	"context"
	"sync"
)

// Share lets the loader keep what it reads in the cache of the context, where that has one.
func (l *Loader) Share(ctx context.Context) { l.cache, _ = ctx.Value(cacheKey{}).(*Cache) }

// A Cache keeps the scenarios of the files that were read, for runs of one suite: their
// definitions are the same. They are not changed. The zero value is ready. It may be used by
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

// put keeps scenarios, which have to be defined: several runs use them at once.
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

// cached is a file as it was read.
type cached struct {
	show string
	sum  uint64
}

type cacheKey struct{}

// Context returns a context whose loaders use the cache.
func (c *Cache) Context(ctx context.Context) context.Context {
	return context.WithValue(ctx, cacheKey{}, c)
}
