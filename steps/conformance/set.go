package conformance

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
