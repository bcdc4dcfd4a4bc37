package recordings

// Before reports whether a replay tries r before o.
func (r *Request) Before(o *Request) bool { return r.compare(o) < 0 }

// Decode reads a recording.yaml without the files beside it.
func Decode(text []byte) (any, error) { return decode(FileName, text) }

// Variables returns where a text has variables.
func Variables(text string) (out [][2]int) {
	for v := range variablesOf([]byte(text)) {
		out = append(out, [2]int{v.start, v.end})
	}
	return out
}
