package mockserver

import (
	"container/list"
	"sync"
	"time"
)

// An expiring map is bounded, and what rests in it for longer than its limit
// is gone. Every operation takes the same time however much it holds.
type expiring[V any] struct {
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

func newExpiring[V any](limit int, idle time.Duration, now func() time.Time) *expiring[V] {
	return &expiring[V]{byKey: map[string]*list.Element{}, limit: limit, idle: idle, now: now}
}

// put keeps a value, and drops what has expired or is too much.
func (m *expiring[V]) put(key string, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.keep(key, value)
}

func (m *expiring[V]) keep(key string, value V) {
	now := m.now()
	if e := m.byKey[key]; e != nil {
		m.drop(e)
	}
	m.byKey[key] = m.order.PushBack(&entry[V]{key, value, now})
	for e := m.order.Front(); e != nil && (m.order.Len() > m.limit || m.expired(e, now)); e = m.order.Front() {
		m.drop(e)
	}
}

// first keeps a value unless there is one already, and reports whether it did.
func (m *expiring[V]) first(key string, value V) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.byKey[key]; e != nil && !m.expired(e, m.now()) {
		return false
	}
	m.keep(key, value)
	return true
}

// get returns a value and marks it as used.
func (m *expiring[V]) get(key string) (value V, ok bool) {
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

// look returns a value without marking it as used.
func (m *expiring[V]) look(key string) (value V, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.byKey[key]
	if e == nil || m.expired(e, m.now()) {
		return value, false
	}
	return entryOf[V](e).value, true
}

// take returns a value and forgets it, so that nobody takes it twice.
func (m *expiring[V]) take(key string) (value V, ok bool) {
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

func (m *expiring[V]) expired(e *list.Element, now time.Time) bool {
	return now.Sub(entryOf[V](e).touched) > m.idle
}

func (m *expiring[V]) drop(e *list.Element) {
	m.order.Remove(e)
	delete(m.byKey, entryOf[V](e).key)
}

func entryOf[V any](e *list.Element) *entry[V] {
	return e.Value.(*entry[V]) //nolint:forcetypeassert,errcheck // nothing else is put into the list
}
