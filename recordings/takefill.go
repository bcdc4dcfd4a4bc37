package recordings

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"flowtest/steps/davinci"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// What takes are made of where a recording has no value of its own. The host
// is of a domain that can never be reached.
const (
	takeOrigin      = "https://auth.flowtest.invalid"
	takeEnvironment = "f10e7e50-0000-4000-8000-000000000001"
	takeClient      = "f10e7e50-0000-4000-8000-00000000000c"
	takeState       = "stand-in-state"
)

// A filling fills the variables of one take.
type filling struct {
	w      *walker
	number int    // of the take
	hop    int    // within it
	token  string // the interactionToken that the client holds
	id     string
	at     *Hop
	began  time.Time
}

// take makes the exchanges of one way.
func (w *walker) take(number int, way []*Hop) davinci.Exchanges {
	f := &filling{w: w, number: number, began: time.Unix(0, 0).UTC()}
	if w.flow.Meta != nil {
		f.began = w.flow.Meta.Date
	}
	f.id = f.uuid("interactionId")
	take := make(davinci.Exchanges, 0, len(way))
	for i, h := range way {
		f.hop = i
		take = append(take, f.exchange(h))
	}
	return take
}

func (f *filling) exchange(h *Hop) davinci.Exchange {
	x := davinci.Exchange{
		Began: f.began.Add(time.Duration(f.hop) * time.Second), Took: time.Millisecond, Hop: h.Name,
		Method: http.MethodPost, Header: http.Header{"Accept": {"application/json"}}, ResponseHeader: http.Header{},
	}
	if !f.w.walk.Detailed {
		x.Header.Set("X-Requested-With", "ping-sdk")
	}
	if h.Starts() {
		x.Method, x.URL = http.MethodGet, f.authorize(h)
	} else {
		f.next(h, &x)
	}
	f.answer(h, &x)
	if s := h.Screen(); s != nil {
		f.at = s
	}
	return x
}

// query is the query of the authorize request that starts with h.
func (w *walker) query(h *Hop) url.Values {
	q := url.Values{
		"response_mode": {"pi.flow"}, "response_type": {"code"}, "scope": {"openid"},
		"client_id": {cmp.Or(w.flow.Client, takeClient)}, "state": {takeState},
	}
	if w.flow.Policy != "" {
		q.Set("acr_values", w.flow.Policy)
	}
	for name, value := range h.Request.Parameters(w.attribute) {
		q.Set(name, value)
	}
	return q
}

func (f *filling) authorize(h *Hop) *url.URL {
	u, err := url.Parse(takeOrigin + "/" + takeEnvironment)
	if err != nil {
		return &url.URL{} // it is a constant
	}
	u.Path += h.Request.Path
	q := f.w.query(h)
	q.Set("state", f.state())
	u.RawQuery = q.Encode()
	return u
}

// next makes the request that leaves a screen.
//
// Source: the body and headers that the documentation and the SDKs agree on.
func (f *filling) next(h *Hop, x *davinci.Exchange) {
	body := f.at.Response.Body(f.w.walk.Detailed)
	if body == nil {
		body = f.at.Response.Body(!f.w.walk.Detailed)
	}
	top := gjson.ParseBytes(body.Text)
	u, err := url.Parse(takeOrigin + "/" + takeEnvironment + "/davinci/connections/" +
		url.PathEscape(top.Get("connectionId").String()) + "/capabilities/" +
		url.PathEscape(top.Get("capabilityName").String()))
	if err != nil {
		u = &url.URL{} // what is escaped is a URL
	}
	x.URL = u
	x.Header.Set("Content-Type", "application/json")
	x.Header.Set("interactionId", f.id)       //nolint:canonicalheader // the documentation's spelling
	x.Header.Set("interactionToken", f.token) //nolint:canonicalheader // the documentation's spelling
	event := cmp.Or(top.Get("eventName").String(),
		top.Get("screen.properties.button.onClick.eventName").String(), "continue")
	data := ""
	if h.Request.Action != "" {
		data = `"actionKey":` + asJSON(h.Request.Action)
	}
	if form := f.w.formData(f.at, &h.Request); form != "" {
		data += strings.Repeat(",", min(1, len(data))) + `"formData":` + form
	}
	x.Body = fmt.Appendf(nil, `{"id":%s,"eventName":%s,"interactionId":%s,"parameters":{"eventType":%s,"data":{%s}}}`,
		asJSON(top.Get("id").String()), asJSON(event), asJSON(f.id), asJSON(eventType(f.at, &h.Request)), data)
}

// answer makes the response.
func (f *filling) answer(h *Hop, x *davinci.Exchange) {
	r := h.Answer()
	x.Status = r.Status
	body := r.Body(f.w.walk.Detailed)
	carries := body != nil && bytes.Contains(body.Text, []byte("{{interactionToken}}"))
	if carries || h.Screen() != nil {
		f.token = f.hexadecimal("interactionToken", 2*tokenBytes)
	}
	if body != nil {
		x.ResponseHeader.Set("Content-Type", "application/json;charset=utf-8")
		x.Response = f.fill(body.Text, r.HTML == nil)
	}
	if r.HTML != nil {
		x.ResponseHeader.Set("Content-Type", "text/html;charset=utf-8")
	}
	for name, value := range r.Headers {
		x.ResponseHeader.Set(name, string(f.fill([]byte(value), false)))
	}
	if carries || h.Screen() != nil {
		for _, handle := range []string{"interactionId=" + f.id, "interactionToken=" + f.token} {
			x.ResponseHeader.Add("Set-Cookie", handle+"; Path=/; Max-Age=900; HttpOnly")
		}
	}
	for _, c := range r.Cookies {
		as := http.Cookie{Path: "/", HttpOnly: true, Secure: true} //nolint:gosec // the attributes are the service's
		if c.As != nil {
			as = *c.As
		} else if c.Name != "ST-NO-SS" {
			as.SameSite = http.SameSiteNoneMode
		}
		as.Name, as.Value = c.Name, f.uuid("cookie "+c.Name)
		x.ResponseHeader.Add("Set-Cookie", as.String())
	}
}

// tokenBytes is the length of an interactionToken before it is written in
// hexadecimal digits.
const tokenBytes = 128

// fill writes stand-ins into a text.
func (f *filling) fill(text []byte, isJSON bool) []byte {
	top := gjson.Result{}
	if isJSON {
		top = gjson.ParseBytes(text)
	}
	return Variable.ReplaceAllFunc(text, func(m []byte) []byte {
		name := string(m[2 : len(m)-2])
		if !IsVariable(name) {
			return m
		}
		value := f.value(name, top)
		if isJSON {
			return quotedInside(value)
		}
		return []byte(value)
	})
}

// state is the state that the client of the take minted.
func (f *filling) state() string { return takeState + "-" + strconv.Itoa(f.number) }

// value is the stand-in of a variable.
func (f *filling) value(name string, top gjson.Result) string {
	switch name {
	case "authPath":
		return takeOrigin
	case "envID":
		return takeEnvironment
	case "connectionInstanceID":
		return top.Get("connectionId").String()
	case "capabilityName":
		return top.Get("capabilityName").String()
	case "davinciFlowPolicyID":
		return cmp.Or(f.w.flow.Policy, f.hexadecimal("policy of "+f.w.flow.Name, 32))
	case "interactionId":
		return f.id
	case "interactionToken":
		return f.token
	case "state":
		return f.state()
	case "accessToken", "idToken":
		return standInToken(name)
	}
	if attr, ok := strings.CutPrefix(name, "user."); ok {
		value, _ := f.w.attribute(attr)
		return value
	}
	return f.uuid(name)
}

// uuid makes a well-formed id that is the same whenever it is made.
func (f *filling) uuid(of string) string {
	h := f.hexadecimal(of, 32)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
}

// hexadecimal makes digits that are the same whenever they are made.
func (f *filling) hexadecimal(of string, digits int) string {
	var b strings.Builder
	for i := 0; b.Len() < digits; i++ {
		sum := sha256.Sum256([]byte(strings.Join([]string{
			f.w.flow.Name, strconv.Itoa(f.number), strconv.Itoa(f.hop), of, strconv.Itoa(i),
		}, "\x00")))
		b.WriteString(hex.EncodeToString(sum[:]))
	}
	return b.String()[:digits]
}

func base64url(text []byte) string { return base64.RawURLEncoding.EncodeToString(text) }
