package cli_test

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/tidwall/gjson"
)

// hostile is a service that repeats whatever it was sent and what it handed
// out, in the shape and encoding that the field username asks for.
type hostile struct {
	mu         sync.Mutex
	challenges []string
}

// The canaries that the service hands out.
var minted = []string{"token", "cookie", "code", "accesstoken", "idtoken", "sessionid", "sessiontoken", "refused", "location"}

func (h *hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	http.SetCookie(w, &http.Cookie{Name: "ST", Value: core("cookie") + "-value", Path: "/", Secure: true})
	if r.Method == http.MethodGet {
		h.mu.Lock()
		h.challenges = append(h.challenges, r.URL.Query().Get("code_challenge"))
		h.mu.Unlock()
		h.json(w, http.StatusOK, h.screen(r, "Sign On Form", "Username", ""))
		return
	}
	shape, encoding, _ := strings.Cut(gjson.GetBytes(body, "parameters.data.formData.username").String(), "/")
	encode, ok := encodings[encoding]
	if !ok {
		shape, encode = "message", encodings["plain"]
	}
	var words []string
	gjson.GetBytes(body, "parameters.data.formData").ForEach(func(k, v gjson.Result) bool {
		words = append(words, k.String()+"="+encode(v.String()))
		return true
	})
	words = append(words, "token="+encode(r.Header.Get("interactionToken")))
	for _, c := range r.Cookies() {
		words = append(words, c.Name+"="+encode(c.Value))
	}
	echo := strings.Join(words, " ")
	if shape == "page" && !strings.HasPrefix(encoding, "html") {
		echo = html.EscapeString(echo) // else the page would not show all of it
	}
	h.answer(w, r, shape, echo, string(body))
}

func (h *hostile) answer(w http.ResponseWriter, r *http.Request, shape, echo, raw string) {
	switch shape {
	case "message":
		h.json(w, http.StatusBadRequest, map[string]any{
			"interactionId": "i1", "id": "n2", "connectorId": "c", "capabilityName": "checkPassword", "code": echo, "message": echo,
			"interactionToken": canary("refused"), "details": []any{map[string]any{"rawResponse": map[string]any{"sent": echo, "token": canary("refused")}}},
		})
	case "body":
		h.json(w, http.StatusBadRequest, map[string]any{"id": "n2", "code": "x", "message": "could not read " + raw, "details": raw})
	case "failed":
		h.json(w, http.StatusOK, map[string]any{
			"id": "n2", "status": "FAILED", "interactionToken": canary("refused"), "error": map[string]any{"code": echo, "message": echo + canary("refused")},
		})
	case "page":
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = fmt.Fprintf(w, "<html><head><title>%s</title></head><body><p>%s</p></body></html>", echo, echo)
	case "screen":
		h.json(w, http.StatusOK, h.screen(r, "Form for "+echo, echo, echo))
	case "redirect":
		w.Header().Set("Location", "https://app.example.test/callback?"+url.Values{
			"code": {canary("location")}, "error": {"access_denied"}, "error_description": {echo},
		}.Encode())
		w.WriteHeader(http.StatusFound)
	default:
		h.json(w, http.StatusOK, map[string]any{
			"id": "n3", "capabilityName": "returnSuccessResponseRedirect", "status": "COMPLETED", "interactionToken": canary("token"),
			"session": map[string]any{"id": canary("sessionid")}, "sessionToken": canary("sessiontoken"), "echo": echo,
			"authorizeResponse": map[string]any{
				"code": canary("code"), "access_token": canary("accesstoken"), "id_token": canary("idtoken"), "state": "s",
			},
		})
	}
}

func (*hostile) screen(r *http.Request, name, label, value string) map[string]any {
	field := func(kind, key string) map[string]any { return map[string]any{"type": kind, "key": key, "label": label} }
	return map[string]any{
		"id": "n1", "interactionId": "i1", "interactionToken": canary("token"), "connectionId": "c1", "capabilityName": "customForm",
		"_links":   map[string]any{"next": map[string]any{"href": "https://" + r.Host + "/davinci/connections/c1/capabilities/customForm"}},
		"formData": map[string]any{"value": map[string]any{"note": value}},
		"form": map[string]any{"name": name, "components": map[string]any{"fields": []any{
			field("TEXT", "username"), field("TEXT", "note"), field("PASSWORD", "password"), field("SUBMIT_BUTTON", "SIGNON"),
		}}},
	}
}

func (*hostile) json(w http.ResponseWriter, status int, body map[string]any) {
	text, err := json.Marshal(body)
	if err != nil {
		status = http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
