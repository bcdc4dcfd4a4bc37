package learn

import (
	"bytes"
	"encoding/base64"
	"path"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// harvest notes the secrets that a request and its response carry where the
// protocol puts them, whatever they are for: cookies, and what authorizes.
func (l *learner) harvest(x *davinci.Exchange) {
	for _, c := range setCookies(x) {
		l.cookies = append(l.cookies, c.Value)
	}
	for _, line := range x.Header.Values("Cookie") {
		for pair := range strings.SplitSeq(line, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			if name != handleID {
				l.cookies = append(l.cookies, value)
			}
		}
	}
	kind, value, _ := strings.Cut(x.Header.Get("Authorization"), " ")
	if value != "" {
		l.tokens = append(l.tokens, value)
	}
	if plain, err := base64.StdEncoding.DecodeString(value); err == nil && strings.EqualFold(kind, "Basic") {
		if _, password, ok := strings.Cut(string(plain), ":"); ok {
			l.tokens = append(l.tokens, password)
		}
	}
	if path.Base(x.URL.Path) == "token" && bytes.HasPrefix(bytes.TrimSpace(x.Response), []byte("{")) {
		for _, name := range []string{"access_token", "id_token", "refresh_token"} {
			l.tokens = append(l.tokens, gjson.GetBytes(x.Response, name).String())
		}
	}
}
