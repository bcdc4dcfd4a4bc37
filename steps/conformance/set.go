package conformance

import "math/bits"

// A Set is a set of requirements of the catalogue, by their place in it.
type Set [4]uint64 // 256 requirements at most

// Has reports whether the requirement is in the set.
func (s *Set) Has(r *Requirement) bool { return s[r.place>>6]&(1<<(r.place&63)) != 0 }

// Add puts the requirement into the set.
func (s *Set) Add(r *Requirement) { s[r.place>>6] |= 1 << (r.place & 63) }

// Union adds what is in o.
func (s *Set) Union(o *Set) {
	for i := range s {
		s[i] |= o[i]
	}
}

// List returns what is in the set, in the order of the catalogues.
func (s *Set) List() []*Requirement {
	var out []*Requirement
	for _, r := range places {
		if s.Has(r) {
			out = append(out, r)
		}
	}
	return out
}

// places are the requirements of both catalogues, by their place.
var places = append(Catalogue(), SDKCatalogue()...)

// Len returns how many requirements are in the set.
func (s *Set) Len() int {
	n := 0
	for _, word := range s {
		n += bits.OnesCount64(word)
	}
	return n
}
