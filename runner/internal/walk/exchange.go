package walk

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
	"flowtest/steps/generated"
)

// Values that a recording does not have. The domain of the host can never be reached.
const (
	standInHost        = "auth.flowtest.invalid"
	standInEnvironment = "f10e7e50-0000-4000-8000-000000000001"
	standInClient      = "f10e7e50-0000-4000-8000-00000000000c"
	standInState       = "stand-in-state"
)

var standInRoot = &url.URL{Scheme: "https", Host: standInHost, Path: "/" + standInEnvironment}

// A filling fills in the variables of one journey.
type filling struct {
	w      *walker
	number int    // of the journey
	hop    int    // within it
	token  string // the interactionToken that the client holds
	id     string
	at     *recordings.Hop
	began  time.Time

	platform, language string // of the client, the same in all requests of the journey
}

// filling returns the filling of the journey with that number.
func (w *walker) filling(number int) *filling {
	f := &filling{w: w, number: number, began: time.Unix(0, 0).UTC()}
	if w.flow.Meta != nil {
		f.began = w.flow.Meta.Date
	}
	f.id = f.uuid("interactionId")
	return f
}

// journey returns the exchanges of one way.
func (w *walker) journey(number int, way []*recordings.Hop) davinci.Exchanges {
	f := w.filling(number)
	f.platform = davinci.JavaScript
	for _, h := range way {
		f.platform = cmp.Or(h.Request.Platform, f.platform)
		f.language = cmp.Or(h.Request.Language, f.language)
	}
	out := make(davinci.Exchanges, 0, len(way))
	for i, h := range way {
		f.hop = i
		out = append(out, f.exchange(h))
	}
	return out
}

func (f *filling) exchange(h *recordings.Hop) davinci.Exchange {
	x := davinci.Exchange{
		Began: f.began.Add(time.Duration(f.hop) * time.Second), Took: time.Millisecond, Hop: h.Name,
		Method: http.MethodPost, Header: http.Header{"Accept": {"application/json"}}, ResponseHeader: http.Header{},
	}
	if !f.w.o.Detailed {
		x.Header.Set("X-Requested-With", "ping-sdk")
	}
	x.Header.Set("X-Requested-Platform", f.platform)
	if f.language != "" {
		x.Header.Set("Accept-Language", f.language)
	}
	if h.Starts() {
		x.Method, x.URL = http.MethodGet, f.authorize(h)
		if h.Request.Session {
			x.Header.Set("Cookie", "ST="+f.uuid("ST"))
		}
	} else {
		f.next(h, &x)
	}
	f.answer(h, &x)
	if s := h.Screen(); s != nil {
		f.at = s
	}
	return x
}

// query returns the query of the authorize request that starts with h.
func (w *walker) query(h *recordings.Hop) url.Values {
	q := url.Values{
		"response_mode": {"pi.flow"}, "response_type": {"code"}, "scope": {"openid"},
		"client_id": {cmp.Or(w.flow.Client, standInClient)}, "state": {standInState},
	}
	if w.flow.Policy != "" {
		q.Set("acr_values", w.flow.Policy)
	}
	for name, value := range h.Request.Parameters(w.attribute) {
		q.Set(name, value)
	}
	return q
}

func (f *filling) authorize(h *recordings.Hop) *url.URL {
	u := standInRoot.JoinPath(h.Request.Path)
	q := f.w.query(h)
	q.Set("state", f.state())
	u.RawQuery = q.Encode()
	return u
}

// next makes the request that answers a screen. It goes to the screen's next link, or
// without one to the endpoint of the screen's capability.
//
// Source: the body and headers that the documentation and the SDKs agree on.
func (f *filling) next(h *recordings.Hop, x *davinci.Exchange) {
	body := cmp.Or(f.at.Response.Body(f.w.o.Detailed), f.at.Response.Body(!f.w.o.Detailed))
	top := gjson.ParseBytes(body.Text)
	x.URL = standInRoot.JoinPath("davinci/connections",
		url.PathEscape(top.Get("connectionId").String()), "capabilities",
		url.PathEscape(top.Get("capabilityName").String()))
	x.URL = f.link(top, "_links.next.href", x.URL)
	x.Header.Set("Content-Type", "application/json")
	event := cmp.Or(top.Get("eventName").String(),
		top.Get("screen.properties.button.onClick.eventName").String(), "continue")
	sent := f.w.sent(f.at, h)
	if sent.ContinueToken != "" {
		f.back(top, sent, x)
		return
	}
	x.Header.Set("interactionId", f.id)       //nolint:canonicalheader // the documentation's spelling
	x.Header.Set("interactionToken", f.token) //nolint:canonicalheader // the documentation's spelling
	sent.NodeID, sent.EventName, sent.InteractionID = top.Get("id").String(), event, f.id
	x.Body = sent.Body()
}

// back makes the request of a client that returns from an identity provider. Only its cookies
// identify the journey.
func (f *filling) back(top gjson.Result, sent *davinci.Sent, x *davinci.Exchange) {
	at := "_links.continue.href"
	if sent.Native != "" { // to a link that no recording has
		at = `form.components.fields.#(type=="SOCIAL_LOGIN_BUTTON").links.authenticate.href`
	}
	x.URL = f.link(top, at, x.URL)
	if sent.Native == "" {
		x.Header.Set("Authorization", "Bearer "+sent.ContinueToken)
	}
	x.Header.Set("Cookie", "interactionId="+f.id+"; interactionToken="+f.token)
	x.Body = sent.Body()
}

// answer makes the response.
func (f *filling) answer(h *recordings.Hop, x *davinci.Exchange) {
	r := h.Answer()
	x.Status = r.Status
	body := r.Body(f.w.o.Detailed)
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
		as := http.Cookie{Path: "/", HttpOnly: true, Secure: true} //nolint:gosec // the service sets these attributes
		if c.As != nil {
			as = *c.As
		} else if c.Name != "ST-NO-SS" {
			as.SameSite = http.SameSiteNoneMode
		}
		as.Name, as.Value = c.Name, f.uuid("cookie "+c.Name)
		x.ResponseHeader.Add("Set-Cookie", as.String())
	}
}

// tokenBytes is the length of an interactionToken before hexadecimal encoding.
const tokenBytes = 128

// state returns the state that the client of the journey generated.
func (f *filling) state() string { return standInState + "-" + strconv.Itoa(f.number) }

// value returns the stand-in for a variable.
func (f *filling) value(name string, top gjson.Result) string {
	switch name {
	case "authPath":
		return "https://" + standInHost
	case "envID":
		return standInEnvironment
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
	if value := StandIns[name]; value != "" {
		return value
	}
	form, err := recordings.ParseForm(name)
	if err != nil || form == (recordings.Form{}) {
		return f.uuid(name)
	}
	return form.Generate(f.began.Add(time.Duration(f.hop)*time.Second), &digits{f: f, of: name})
}

// eventType returns the eventType with which a client sends a request. It depends on the button,
// or if that is unknown on the data sent.
func (w *walker) eventType(from *recordings.Hop, r *recordings.Request) string {
	kind, form := "", r.FormData()
	if r.Action != "" {
		kind = w.fieldOf(from, r.Action).Type
	}
	switch {
	case r.EventType != "":
		return r.EventType
	case kind == "METADATA":
		return "action"
	case kind == "SUBMIT_BUTTON", len(form) > 0, kind == "" && (form != nil || r.Action == ""):
		return "submit"
	default:
		return "action"
	}
}

// fieldOf returns the field of a screen with a key, or an empty one.
func (w *walker) fieldOf(screen *recordings.Hop, key string) *davinci.Field {
	s, ok := w.screens[screen]
	if b := screen.Response.JSON; !ok && b != nil {
		s = davinci.Reader{}.Read(http.StatusOK, nil, b.Text).Screen()
	}
	w.screens[screen] = s
	if s != nil {
		if f := s.Field(key); f != nil {
			return f
		}
	}
	return &davinci.Field{}
}

// formData returns the formData that a client posts for r, as JSON, "" for none. With a submit
// every client posts some, even if the recording has none.
func (w *walker) formData(from *recordings.Hop, r *recordings.Request) string {
	form := r.FormData()
	if form == nil && w.eventType(from, r) != "submit" {
		return ""
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(form)) {
		parts = append(parts, davinci.Quote(key)+":"+w.value(form[key], w.fieldOf(from, key), key))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// value returns a value that a recording accepts under a key, as JSON.
func (w *walker) value(expected any, f *davinci.Field, key string) string {
	if raw, ok := expected.(json.RawMessage); ok {
		return string(raw)
	}
	text, _ := expected.(string)
	switch text {
	case "*":
		return w.someValue(f, key)
	case recordings.Passkey:
		return somePasskey(f, true)
	}
	if name := recordings.Generated(text); name != "" {
		text = StandIns[name]
		if raw, err := f.Encode(text); f.Type == "PHONE_NUMBER" && err == nil {
			return raw
		}
	}
	if name, wrong := recordings.Attribute(text); name != "" {
		text, _ = w.attribute(name)
		if key, err := generated.ParseKey(text); err == nil && name == generated.TOTP {
			text = key.At(time.Now())
		}
		if wrong {
			text = unlike(text)
		}
	}
	return davinci.Quote(text)
}

// someValue returns a value for a field that accepts any, in the form that clients post
// for its type.
//
// Source: what the SDKs post for each type of field.
func (w *walker) someValue(f *davinci.Field, key string) string {
	for _, name := range []string{"value", "id", "type"} { // of the first option, if any
		if option := f.Raw.Get("options.0." + name); option.Exists() {
			if raw, err := f.Encode(option.String()); err == nil {
				return raw
			}
		}
	}
	switch f.Type {
	case "PHONE_NUMBER":
		return phoneNumber(w.o.User)
	case "FIDO2":
		return somePasskey(f, false)
	case "COMBOBOX", "CHECKBOX":
		return `["some"]`
	case "SINGLE_CHECKBOX":
		return "true"
	case "METADATA":
		return `{"code":"some","message":"some error"}`
	case "POLLING":
		return `"continue"`
	case "DEVICE_AUTHENTICATION":
		return `{"type":"EMAIL","id":"00000000-0000-4000-8000-000000000000","value":"some device"}`
	default:
		return davinci.Quote(cmp.Or(w.o.Any, "some ") + key)
	}
}

// callingCodes are the calling codes that belong to one country.
//
// Source: ITU-T E.164.
var callingCodes = map[string]string{
	"1": "US", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "39": "IT", "41": "CH", "43": "AT",
	"44": "GB", "45": "DK", "46": "SE", "47": "NO", "48": "PL", "49": "DE", "52": "MX", "55": "BR",
	"61": "AU", "64": "NZ", "65": "SG", "81": "JP", "82": "KR", "86": "CN", "91": "IN",
}

// phoneNumber returns the phone number of a user as a phone field posts it, or a
// fictional number.
func phoneNumber(user map[string]string) string {
	country, number := "US", "5550199"
	for _, name := range slices.Sorted(maps.Keys(user)) {
		digits, ok := strings.CutPrefix(user[name], "+")
		if !ok || !strings.Contains(strings.ToLower(name), "phone") {
			continue
		}
		for _, length := range []int{1, 2} {
			if code := digits[:min(length, len(digits))]; callingCodes[code] != "" {
				country, number = callingCodes[code], strings.TrimPrefix(digits, code)
			}
		}
	}
	return `{"countryCode":` + davinci.Quote(country) + `,"phoneNumber":` + davinci.Quote(number) + `}`
}
