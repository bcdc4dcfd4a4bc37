package runner

import (
	"net/http"
	"sync"

	"flowtest/recordings"
	"flowtest/steps/flow"
)

// secretKeys are the keys of fields that a run has seen, and whether they turned
// out to take a secret, whatever they are called.
type secretKeys struct {
	known sync.Map // by key, whether it takes a secret

	recorded []*recordings.Flow // what a replay answers from
	read     sync.Once
}

// has reports whether the key is one of a field that takes a secret.
func (k *secretKeys) has(key string) bool {
	secret, seen := k.look(key)
	return seen && secret
}

// open reports whether the key was seen, and never for a secret.
func (k *secretKeys) open(key string) bool {
	secret, seen := k.look(key)
	return seen && !secret
}

// look reads the recordings when it is first asked: most features name what they
// type, or type it into a field whose key says enough.
func (k *secretKeys) look(key string) (secret, seen bool) {
	k.read.Do(k.replayed)
	v, seen := k.known.Load(key)
	return v == true, seen
}

func (k *secretKeys) replayed() {
	for _, f := range k.recorded {
		for _, h := range f.Hops {
			a := h.Answer()
			for _, detailed := range []bool{false, true} {
				if body := a.Body(detailed); body != nil {
					var o flow.Observer
					k.screen(o.Hop(&flow.Request{Method: http.MethodGet}, detailed, a.Status, http.Header{}, body.Text))
				}
			}
		}
	}
}

func (k *secretKeys) learn(hops []*flow.Hop) {
	for _, h := range hops {
		k.screen(h)
	}
}

func (k *secretKeys) screen(h *flow.Hop) {
	if h.Screen == nil {
		return
	}
	for i := range h.Screen.Fields {
		f := &h.Screen.Fields[i]
		was, seen := k.known.Load(f.Key)
		if secret := f.Secret(); !seen || secret && was != true {
			k.known.Store(f.Key, secret)
		}
	}
}
