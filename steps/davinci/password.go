package davinci

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// A PasswordPolicy has the requirements for a new password.
type PasswordPolicy struct {
	Min, Max int            // the allowed number of characters; a Max of 0 means no limit
	Sets     []CharacterSet // in the order of their characters
}

// A CharacterSet is a set of characters of which a password has at least Min.
type CharacterSet struct {
	Of  string
	Min int
}

// PasswordPolicy returns the policy of the first field of the screen that has one, or nil.
//
// Source: the property passwordPolicy of a field of type PASSWORD_VERIFY.
func (s *Screen) PasswordPolicy() *PasswordPolicy {
	for i := range s.Fields {
		raw := s.Fields[i].Raw.Get("passwordPolicy")
		if !raw.IsObject() {
			continue
		}
		const most = 255 // characters that PingOne takes
		p := &PasswordPolicy{
			Min: min(int(raw.Get("length.min").Int()), most), Max: max(0, int(raw.Get("length.max").Int())),
		}
		raw.Get("minCharacters").ForEach(func(of, n gjson.Result) bool {
			if of.Str != "" && n.Int() > 0 {
				p.Sets = append(p.Sets, CharacterSet{Of: of.Str, Min: min(int(n.Int()), most)})
			}
			return true
		})
		slices.SortFunc(p.Sets, func(a, b CharacterSet) int { return strings.Compare(a.Of, b.Of) })
		return p
	}
	return nil
}
