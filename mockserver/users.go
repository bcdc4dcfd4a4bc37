package mockserver

import "slices"

// users are the people whom the replay knows, in the order of their names.
type users struct{ list []map[string]string }

func newUsers(byName map[string]map[string]string) *users {
	names := make([]string, 0, len(byName))
	for name := range byName {
		names = append(names, name)
	}
	slices.Sort(names)
	u := &users{}
	for _, name := range names {
		u.list = append(u.list, byName[name])
	}
	return u
}

func (u *users) first() map[string]string {
	if len(u.list) == 0 {
		return nil
	}
	return u.list[0]
}
