package mockserver

import "flowtest/recordings"

// choose returns the choice that answers what was sent, or nil, and the user
// whom the request names or who signs on already.
func (in *interaction) choose(choices []*choice, sent *recordings.Sent) (*choice, map[string]string) {
	if in.user != nil || len(in.users.list) == 0 {
		for _, c := range choices {
			if c.request.Matches(sent, in.attribute) {
				return c, in.user
			}
		}
		return nil, nil
	}
	for _, c := range choices {
		for _, user := range in.users.list {
			attr := func(name string) (string, bool) {
				value, ok := user[name]
				return value, ok
			}
			if !c.request.Matches(sent, attr) {
				continue
			}
			if c.request.NamesUser() {
				return c, user
			}
			return c, nil
		}
	}
	return nil, nil
}
