package steps

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
	"flowtest/steps/words"
)

func responses(v *vocabulary) {
	v.area = "The response and the request"
	v.Then(`^the header "([^"]*)" is "((?:[^"\\]|\\.)*)"$`, headerIs,
		"The response has this value in the header.",
		`Then the header "Content-Type" is "application/json;charset=utf-8"`, HeaderName, text)
	v.Then(`^the header "([^"]*)" contains "((?:[^"\\]|\\.)*)"$`, headerContains,
		"A value of the header contains this text.",
		`Then the header "Content-Type" contains "application/json"`, HeaderName, text)
	v.Then(`^the header "([^"]*)" is absent$`, headerAbsent,
		"The response does not have the header.",
		`Then the header "X-Powered-By" is absent`, AbsentHeader)
	v.Then(`^the cookie "([^"]*)" is set$`, cookieSet,
		"The response sets the cookie.",
		`Then the cookie "ST" is set`, CookieName)
	v.Then(`^the cookie "([^"]*)" is not set$`, cookieNotSet,
		"The response does not set the cookie, or deletes it.",
		`Then the cookie "ST" is not set`, AbsentCookie)
	v.Then(`^the cookie "([^"]*)" has:$`, cookieHas,
		"The cookie that the response sets has these attributes: value, domain, path, expires, max-age, "+
			"samesite, and true or false for secure, httponly and partitioned.",
		"Then the cookie \"ST\" has:\n  | attribute | value |\n  | httponly  | true  |\n  | samesite  | None  |",
		CookieName, attributeColumns)
	v.Then(`^the flow redirects to "((?:[^"\\]|\\.)*)"$`, redirectsTo,
		"The response leads to this URL by its header Location. If the URL has no query, any query matches.",
		`Then the flow redirects to "https://app.example.com/callback"`, address)
	v.Then(`^the response took less than "([^"]*)"$`, tookLessThan,
		"The response took less than this time, as in 800ms or 2s. A replay takes almost no time.",
		`Then the response took less than "800ms"`, waiting)
	v.Then(`^the response matches the schema "([^"]*)"$`, matchesSchema,
		"The body fits a JSON Schema (2020-12, or draft-07 if it says so). The file name is relative to the folder "+
			"of the feature file.",
		`Then the response matches the schema "../schemas/screen.json"`, file)
	v.Then(`^I sent:$`, sent,
		"The last request had these values: at gjson paths of its body, or as parameters of its URL where it "+
			"has no body. A value that is not JSON is text.",
		"Then I sent:\n  | path                      | value  |\n  | parameters.data.actionKey | SIGNON |",
		propertyColumns(otherPath))
}

// lines returns the values of a header of the last response.
func lines(w *World, name string) []string { return w.Journey.Last().Header.Values(name) }

func shownLines(w *World, values []string) string {
	const most = 200 // characters of each
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strconv.Quote(words.Cut(w.redactor.Redact(v), most))
	}
	return words.And(out)
}

func headerIs(w *World, name, want string) error {
	return headerHas(w, name, fmt.Sprintf("want %q", want), func(v string) bool { return v == want })
}

func headerContains(w *World, name, part string) error {
	return headerHas(w, name, fmt.Sprintf("want %q in it", part),
		func(v string) bool { return strings.Contains(v, part) })
}

func headerHas(w *World, name, want string, fits func(string) bool) error {
	values := lines(w, name)
	switch {
	case len(values) == 0:
		return rejected(w, "the response has no header %q, it has %s", name,
			words.List(slices.Sorted(maps.Keys(w.Journey.Last().Header)), 0))
	case !slices.ContainsFunc(values, fits):
		return rejected(w, "the header %q is %s, %s", name, shownLines(w, values), want)
	}
	return nil
}

func headerAbsent(w *World, name string) error {
	if values := lines(w, name); len(values) > 0 {
		return rejected(w, "the header %q is %s, want no such header", name, shownLines(w, values))
	}
	return nil
}

// cookies returns those that the last response sets, the last of a name, without those that it
// removes.
func cookies(w *World) map[string]*http.Cookie {
	out := map[string]*http.Cookie{}
	for _, line := range w.Journey.Last().Header["Set-Cookie"] {
		c, err := davinci.ParseSetCookie(line)
		if err != nil {
			continue
		}
		delete(out, c.Name)
		past := !c.Expires.IsZero() && c.MaxAge == 0 && c.Expires.Before(time.Now())
		if c.Value != "" && c.MaxAge >= 0 && !past { // Max-Age=0 deletes it
			out[c.Name] = c
		}
	}
	return out
}

func cookieNamed(w *World, name string) (*http.Cookie, error) {
	all := cookies(w)
	if c := all[name]; c != nil {
		return c, nil
	}
	if len(all) == 0 {
		return nil, rejected(w, "the response sets no cookie, want %q", name)
	}
	return nil, rejected(w, "the response sets the cookies %s, want %q among them",
		words.List(slices.Sorted(maps.Keys(all)), 0), name)
}

func cookieSet(w *World, name string) error {
	_, err := cookieNamed(w, name)
	return err
}

func cookieNotSet(w *World, name string) error {
	if cookies(w)[name] != nil {
		return rejected(w, "the response sets the cookie %q, and should not", name)
	}
	return nil
}

var sameSites = map[http.SameSite]string{
	http.SameSiteLaxMode: "Lax", http.SameSiteStrictMode: "Strict", http.SameSiteNoneMode: "None",
}

// cookieAttributes are those of a cookie, by their names in lower case.
var cookieAttributes = map[string]func(c *http.Cookie) string{
	"value":       func(c *http.Cookie) string { return c.Value },
	"domain":      func(c *http.Cookie) string { return strings.TrimPrefix(c.Domain, ".") },
	"path":        func(c *http.Cookie) string { return c.Path },
	"expires":     func(c *http.Cookie) string { return c.RawExpires },
	"secure":      func(c *http.Cookie) string { return strconv.FormatBool(c.Secure) },
	"httponly":    func(c *http.Cookie) string { return strconv.FormatBool(c.HttpOnly) },
	"partitioned": func(c *http.Cookie) string { return strconv.FormatBool(c.Partitioned) },
	"samesite":    func(c *http.Cookie) string { return sameSites[c.SameSite] },
	"max-age": func(c *http.Cookie) string {
		if c.MaxAge == 0 {
			return ""
		}
		return strconv.Itoa(c.MaxAge)
	},
}

// attributeKnown says that no cookie has an attribute.
func attributeKnown(name string) error {
	if cookieAttributes[strings.ToLower(name)] != nil {
		return nil
	}
	return fmt.Errorf("a cookie has no attribute %q, want value, domain, path, expires, max-age, samesite, secure, "+
		"httponly or partitioned%s", name, words.DidYouMean("; ", strings.ToLower(name),
		slices.Sorted(maps.Keys(cookieAttributes))))
}

func cookieHas(w *World, name string, rows []row) error {
	c, err := cookieNamed(w, name)
	if err != nil {
		return err
	}
	var differs []string
	for _, r := range rows {
		attribute := strings.ToLower(r["attribute"])
		got, want := cookieAttributes[attribute](c), r["value"]
		if attribute == "domain" {
			want = strings.TrimPrefix(want, ".")
		}
		if got == want || attribute != "value" && attribute != "path" && strings.EqualFold(got, want) {
			continue
		}
		differs = append(differs, fmt.Sprintf("%s is %q, want %q", attribute, cmp.Or(w.redactor.Redact(got), "absent"),
			want))
	}
	if len(differs) > 0 {
		return rejected(w, "the cookie %q differs from the table: %s", name, strings.Join(differs, "; "))
	}
	return nil
}

func redirectsTo(w *World, want string) error {
	h := w.Journey.Last()
	values := lines(w, "Location")
	if len(values) == 0 {
		return rejected(w, "the response has the status %d and no header Location, want it to lead to %q", h.Status,
			want)
	}
	got, err := url.Parse(values[0])
	if err != nil {
		return rejected(w, "the header Location is not a URL, want it to lead to %q", want)
	}
	if h.Exchange != nil && h.Exchange.URL != nil {
		got = h.Exchange.URL.ResolveReference(got)
	}
	if !strings.ContainsAny(want, "?#") {
		got.RawQuery, got.Fragment = "", ""
	}
	if got.String() != want {
		return rejected(w, "the flow redirects to %q, want %q", w.redactor.Redact(got.String()), want)
	}
	return nil
}

func tookLessThan(w *World, limit string) error {
	most, err := time.ParseDuration(limit)
	if err != nil {
		return err
	}
	if took := w.Journey.Last().Exchange.Took; took >= most {
		return rejected(w, "the response took %s, want less than %s", took.Round(time.Millisecond), limit)
	}
	return nil
}

func sent(w *World, rows []row) error {
	x := w.Journey.Last().Exchange
	body := gjson.ParseBytes(x.Body)
	if len(x.Body) == 0 {
		var b strings.Builder
		b.WriteString("{")
		for name, values := range x.URL.Query() {
			if b.Len() > 1 {
				b.WriteString(",")
			}
			b.WriteString(davinci.Quote(name) + ":" + davinci.Quote(strings.Join(values, " ")))
		}
		body = gjson.Parse(b.String() + "}")
	}
	var differs []string
	for _, r := range rows {
		got, want := body.Get(r["path"]), gjson.Parse(r["value"])
		switch {
		case !got.Exists():
			differs = append(differs, fmt.Sprintf("%q was not sent, want %s", r["path"], show(w, want)))
		case !same(got, want) && typedSecret(w, r["path"]):
			differs = append(differs, fmt.Sprintf("%q was another value, which is a secret, want %s", r["path"],
				show(w, want)))
		case !same(got, want):
			differs = append(differs, fmt.Sprintf("%q was %s, want %s", r["path"], show(w, got), show(w, want)))
		}
	}
	if len(differs) > 0 {
		return rejected(w, "the request differs from the table:\n  %s\n ", strings.Join(differs, "\n  "))
	}
	return nil
}

// typedSecret reports whether a path of a request leads to what was typed into a field
// that hides it, or to all that was typed.
func typedSecret(w *World, p string) bool {
	secretKey := func(key string) bool {
		for _, hop := range slices.Backward(w.Journey.Hops()) {
			if s := hop.Screen(); s != nil {
				if f := s.Field(key); f != nil {
					return f.Secret()
				}
			}
		}
		return false
	}
	steps := split(p)
	// What is at parameters.data.formData.KEY was typed; above it is more than that.
	return len(steps) < 4 && strings.HasPrefix("parameters.data.formData", p) ||
		secretKey(strings.ReplaceAll(steps[len(steps)-1], `\`, ""))
}
