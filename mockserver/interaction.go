package mockserver

import (
	"container/list"
	"sync"
	"time"
)

// An interaction is the state of one sign-on. Nothing of it is shared with another.
type interaction struct {
	id          string
	flow        *flow
	environment string
	state       string // as the authorize request had it, "" where it had none
	users       *users

	mu    sync.Mutex
	at    *screen
	token string
	ended bool
	user  map[string]string // the user who signs on, nil until a request named one
	taken map[*choice]int   // how often each choice was answered
}

// attribute looks up an attribute of the user who signs on.
func (in *interaction) attribute(name string) (string, bool) {
	user := in.user
	if user == nil {
		user = in.users.first()
	}
	value, ok := user[name]
	return value, ok
}

// next returns the answer whose turn it is and moves the turn on.
func (in *interaction) next(c *choice) *answer {
	n := in.taken[c]
	if len(c.answers) > 1 {
		if in.taken == nil {
			in.taken = map[*choice]int{}
		}
		in.taken[c] = n + 1
	}
	return c.answers[min(n, len(c.answers)-1)]
}

// A store holds the open interactions. It is bounded, and one that is idle for
// longer than its limit is gone.
type store struct {
	mu    sync.Mutex
	byID  map[string]*list.Element
	order list.List // of *entry; the longest idle first
	limit int
	idle  time.Duration
	now   func() time.Time
}

type entry struct {
	in      *interaction
	touched time.Time
}

func newStore(limit int, idle time.Duration, now func() time.Time) *store {
	return &store{byID: map[string]*list.Element{}, limit: limit, idle: idle, now: now}
}

func (s *store) put(in *interaction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.byID[in.id] = s.order.PushBack(&entry{in: in, touched: now})
	for e := s.order.Front(); e != nil && (s.order.Len() > s.limit || s.expired(e, now)); e = s.order.Front() {
		s.drop(e)
	}
}

// get returns the interaction and marks it as used, or nil where there is none.
func (s *store) get(id string) *interaction {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.byID[id]
	if e == nil {
		return nil
	}
	now := s.now()
	if s.expired(e, now) {
		s.drop(e)
		return nil
	}
	en := e.Value.(*entry) //nolint:forcetypeassert // nothing else is put into the list
	en.touched = now
	s.order.MoveToBack(e)
	return en.in
}

func (s *store) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.byID[id]; e != nil {
		s.drop(e)
	}
}

func (s *store) expired(e *list.Element, now time.Time) bool {
	return now.Sub(e.Value.(*entry).touched) > s.idle //nolint:forcetypeassert // nothing else is put into the list
}

func (s *store) drop(e *list.Element) {
	s.order.Remove(e)
	delete(s.byID, e.Value.(*entry).in.id) //nolint:forcetypeassert // nothing else is put into the list
}
