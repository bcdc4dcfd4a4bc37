package secret

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"sort"
	"strings"
	"sync"
)

// A Redactor replaces the secrets that it was told of by [Redacted], in every
// encoding in which they are likely to be met: as they are, in a URL, in JSON,
// in HTML and in Base64. The zero value knows no secret. It may be used by
// several goroutines at once.
type Redactor struct {
	// Parent is asked first. Optional; a scenario's redactor has the target's
	// as its parent.
	Parent *Redactor

	mu     sync.Mutex
	values []string
	ready  *strings.Replacer
}

// Add makes values known. Empty ones are passed over: there is nothing to hide.
func (r *Redactor) Add(values ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range values {
		if v != "" {
			r.values = append(r.values, v)
			r.ready = nil
		}
	}
}

// Redact returns text without any known secret.
func (r *Redactor) Redact(text string) string {
	if r == nil || text == "" {
		return text
	}
	return r.Parent.Redact(r.replacer().Replace(text))
}

// replacer is built when it is first needed, for most journeys never fail and
// so are never redacted.
func (r *Redactor) replacer() *strings.Replacer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ready == nil {
		seen := map[string]bool{}
		var forms []string
		for _, v := range r.values {
			for _, form := range encodings(v) {
				if form != "" && !seen[form] {
					seen[form] = true
					forms = append(forms, form)
				}
			}
		}
		// The replacer takes the first that fits, so the longest come first:
		// else a secret that begins with another would leave its tail behind.
		sort.Slice(forms, func(i, j int) bool { return len(forms[i]) > len(forms[j]) })
		pairs := make([]string, 0, 2*len(forms))
		for _, form := range forms {
			pairs = append(pairs, form, Redacted)
		}
		r.ready = strings.NewReplacer(pairs...)
	}
	return r.ready
}

// encodings lists the forms in which v may be met.
func encodings(v string) []string {
	forms := []string{
		v, url.QueryEscape(v), url.PathEscape(v), html.EscapeString(v), jsonInside(v, true), jsonInside(v, false),
	}
	// Base64 of a very short secret is a very common piece of text.
	if len(v) >= 6 {
		b := []byte(v)
		forms = append(forms, base64.StdEncoding.EncodeToString(b), base64.RawStdEncoding.EncodeToString(b),
			base64.URLEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b))
	}
	return forms
}

// jsonInside returns v as it stands between the quotes of a JSON string.
func jsonInside(v string, escapeHTML bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(escapeHTML)
	if e.Encode(v) != nil {
		return ""
	}
	quoted := strings.TrimSuffix(b.String(), "\n")
	return quoted[1 : len(quoted)-1]
}
