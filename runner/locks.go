package runner

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"
)

// The tags that keep scenarios apart.
const (
	serialTag = "@serial" // nothing else runs beside it
	userTag   = "@user:"  // nothing else runs that has the same tag
)

// locks keep apart what must not run together.
type locks struct {
	all  *semaphore.Weighted // a serial scenario takes all of it, every other one a part
	size int64

	mu    sync.Mutex
	users map[string]*semaphore.Weighted
}

func newLocks(concurrency int) *locks {
	size := int64(max(1, concurrency))
	return &locks{all: semaphore.NewWeighted(size), size: size, users: map[string]*semaphore.Weighted{}}
}

// acquire waits until a scenario with these tags may run, and returns what gives
// its place free again. The locks of users are taken in the order of their
// names, so that two scenarios never wait for each other.
func (l *locks) acquire(ctx context.Context, tags []string) (release func(), err error) {
	part := int64(1)
	if slices.Contains(tags, serialTag) {
		part = l.size
	}
	if err := l.all.Acquire(ctx, part); err != nil {
		return nil, err
	}
	var held []*semaphore.Weighted
	release = func() {
		for _, u := range held {
			u.Release(1)
		}
		l.all.Release(part)
	}
	for _, u := range l.of(tags) {
		if err := u.Acquire(ctx, 1); err != nil {
			release()
			return nil, err
		}
		held = append(held, u)
	}
	return release, nil
}

// of returns the locks of the users that tags name.
func (l *locks) of(tags []string) []*semaphore.Weighted {
	other := func(tag string) bool { return !strings.HasPrefix(tag, userTag) }
	names := slices.DeleteFunc(slices.Clone(tags), other)
	slices.Sort(names)
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*semaphore.Weighted
	for _, name := range slices.Compact(names) {
		if l.users[name] == nil {
			l.users[name] = semaphore.NewWeighted(1)
		}
		out = append(out, l.users[name])
	}
	return out
}
