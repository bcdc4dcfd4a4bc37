package recordings

import (
	"fmt"
	"net/http"
	"strings"
)

// A Cookie is one that a hop sets: its name, and its attributes where the
// recording has them, as in "ST; Path=/; HttpOnly; SameSite=None". Its value is
// minted each run and never recorded.
type Cookie struct {
	Name string

	// As holds the attributes as they were recorded, without name, value and
	// domain. Nil means the attributes that the service usually sets.
	As *http.Cookie
}

// newCookie reads an entry of cookies.
func newCookie(text string) (Cookie, error) {
	head, attributes, has := strings.Cut(text, ";")
	name, _, hasValue := strings.Cut(strings.TrimSpace(head), "=") // a value may be a secret: no error shows it
	if name == "" || hasValue || strings.ContainsAny(name, " \t") {
		return Cookie{}, fmt.Errorf("cookie %q, want its name and no value, with attributes behind it where they "+
			"were recorded, as in \"ST; Path=/; HttpOnly; SameSite=None\"", name)
	}
	as, err := http.ParseSetCookie(name + "=value;" + attributes)
	if err != nil {
		return Cookie{}, fmt.Errorf("cookie %q: %w", name, err)
	}
	if len(as.Unparsed) > 0 {
		return Cookie{}, fmt.Errorf("cookie %q has the unknown attribute %q", name, as.Unparsed[0])
	}
	if !has {
		return Cookie{Name: name}, nil
	}
	as.Value, as.Domain, as.Raw, as.RawExpires = "", "", "", ""
	return Cookie{Name: name, As: as}, nil
}

// String returns the cookie as an entry of cookies has it.
func (c Cookie) String() string {
	if c.As == nil {
		return c.Name
	}
	as := *c.As //nolint:gosec // the attributes are the service's
	as.Name, as.Value = c.Name, ""
	text := strings.Replace(as.String(), "=", "", 1)
	if text == c.Name {
		text += ";" // recorded without attributes, which is not the usual ones
	}
	return text
}
