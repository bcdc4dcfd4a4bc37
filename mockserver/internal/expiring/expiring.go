// Package expiring holds values for a limited time and up to a limited number. It
// knows nothing of what the values mean.
package expiring

import (
	"container/list"
	"sync"
	"time"
)

// A Map is bounded, and drops values that were not used for longer than its idle
// time. Every operation takes the same time however much it holds. It may be used
// by several goroutines at once.
type Map[V any] struct {
	mu    sync.Mutex
	byKey map[string]*list.Element
	order list.List // of *entry[V]; the longest idle first
	limit int
	idle  time.Duration
	now   func() time.Time
}

type entry[V any] struct {
	key     string
	value   V
	touched time.Time
}

// New returns an empty map for limit values, which are dropped when they were idle
// for longer than idle. The clock is now.
func New[V any](limit int, idle time.Duration, now func() time.Time) *Map[V] {
	return &Map[V]{byKey: map[string]*list.Element{}, limit: limit, idle: idle, now: now}
}

// Put keeps a value, and drops what has expired or is too much.
func (m *Map[V]) Put(key string, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(key, value)
}

func (m *Map[V]) keep(key string, value V) {
	now := m.now()
	if e := m.byKey[key]; e != nil {
		m.drop(e)
	}
	m.byKey[key] = m.order.PushBack(&entry[V]{key, value, now})
	for e := m.order.Front(); e != nil && (m.order.Len() > m.limit || m.expired(e, now)); e = m.order.Front() {
		m.drop(e)
	}
}

// First keeps a value unless there is one already, and reports whether it did.
func (m *Map[V]) First(key string, value V) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.byKey[key]; e != nil && !m.expired(e, m.now()) {
		return false
	}
	m.keep(key, value)
	return true
}

// Get returns a value and marks it as used.
func (m *Map[V]) Get(key string) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.byKey[key]
	if e == nil {
		return value, false
	}
	now := m.now()
	if m.expired(e, now) {
		m.drop(e)
		return value, false
	}
	in := entryOf[V](e)
	in.touched = now
	m.order.MoveToBack(e)
	return in.value, true
}

// Look returns a value without marking it as used.
func (m *Map[V]) Look(key string) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.byKey[key]
	if e == nil || m.expired(e, m.now()) {
		return value, false
	}
	return entryOf[V](e).value, true
}

// Take returns a value and forgets it, so that it is taken only once.
func (m *Map[V]) Take(key string) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.byKey[key]
	if e == nil {
		return value, false
	}
	ok = !m.expired(e, m.now())
	m.drop(e)
	if ok {
		value = entryOf[V](e).value
	}
	return value, ok
}

// Holds reports whether a value is there and has not expired. It does not mark
// the value as used.
func (m *Map[V]) Holds(key string) bool {
	_, ok := m.Look(key)
	return ok
}

// Idle returns how long a value may stay unused.
func (m *Map[V]) Idle() time.Duration { return m.idle }

func (m *Map[V]) expired(e *list.Element, now time.Time) bool {
	return now.Sub(entryOf[V](e).touched) > m.idle
}

func (m *Map[V]) drop(e *list.Element) {
	m.order.Remove(e)
	delete(m.byKey, entryOf[V](e).key)
}

func entryOf[V any](e *list.Element) *entry[V] {
	return e.Value.(*entry[V]) //nolint:forcetypeassert,errcheck // nothing else is put into the list
}
