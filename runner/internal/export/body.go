package export

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/tidwall/gjson"
)

// href is the next link of an answer, with the variables of recordings.
const href = "{{authPath}}/{{envID}}/davinci/connections/{{connectionInstanceID}}/capabilities/{{capabilityName}}"

// answer returns the properties that every answer of a flow has, with the variables of
// recordings.
func answer(f *Flow, n *Node) map[string]any {
	return map[string]any{
		"interactionId": "{{interactionId}}", "companyId": "{{envID}}", "id": n.ID, "flowId": f.ID,
		"connectionId": connectionID(n), "connectorId": n.Connector, "capabilityName": n.Capability,
		"isResponseCompatibleWithMobileAndWebSdks": true,
	}
}

// connectionID returns the id of the connection of a node. If the export does not have
// it, it returns a stand-in that is the same for all nodes of the connector.
func connectionID(n *Node) string {
	if id := n.Get("connectionId").String(); id != "" {
		return id
	}
	h := fnv.New128a()
	_, _ = h.Write([]byte(n.Connector))
	return hex.EncodeToString(h.Sum(nil))
}

// Body returns the JSON answer of the service when the flow pauses at a screen, with the
// variables of recordings instead of generated values.
//
// Source: "JSON Responses", and the fields that the screen declares.
func Body(f *Flow, s *Screen) ([]byte, error) {
	body := answer(f, s.Node)
	body["interactionToken"] = "{{interactionToken}}"
	body["success"] = true
	body["eventName"] = "continue"
	body["_links"] = map[string]any{"next": map[string]any{"href": href}}
	fields, values := []any{}, map[string]any{}
	if s.order != nil {
		for _, v := range s.order {
			fields = append(fields, formEntry(v))
			if key := v.Get("key").String(); key != "" && v.Get("options").Exists() || fills(v.Get("type").String()) {
				values[literal(key)] = ""
			}
		}
	} else {
		for _, x := range s.Fields {
			fields = append(fields, map[string]any{"type": x.Type, "key": literal(x.Key), "label": literal(x.Shown)})
			if fills(x.Type) {
				values[literal(x.Key)] = ""
			}
		}
		for _, b := range s.Buttons {
			fields = append(fields, map[string]any{"type": b.Kind, "key": literal(b.Key), "label": literal(b.Shown)})
		}
	}
	body["formData"] = map[string]any{"value": values}
	body["form"] = map[string]any{
		"name": literal(s.Name), "description": literal(s.Description), "category": s.Category,
		"components": map[string]any{"fields": fields},
	}
	return encode(body)
}

// literal escapes a text of the author, so that recordings find no variables in it.
func literal(text string) string { return strings.ReplaceAll(text, "{{", "{{literal:braces}}") }

// fills reports whether a person types the value of a field.
func fills(kind string) bool {
	return kind == "TEXT" || kind == "PASSWORD" || kind == "PASSWORD_VERIFY"
}

// formEntry is an entry of a form as the service sends it.
func formEntry(v gjson.Result) map[string]any {
	out := map[string]any{}
	v.ForEach(func(key, value gjson.Result) bool {
		switch name := key.String(); name {
		case "position", "styles", "icon", "visibility":
		case "label", "errorMessage", "labelPasswordVerify", "title", "description":
			out[name] = literal(fold(shown(value)))
		case "options":
			var list []any
			value.ForEach(func(_, o gjson.Result) bool {
				list = append(list, option(v, formEntry(o), len(list)+1))
				return true
			})
			out[name] = list
		default:
			out[name] = entryValue(value)
		}
		return true
	})
	switch kind := v.Get("type").String(); kind {
	case "TEXTBLOB", "SLATE_TEXTBLOB":
		out["type"] = "LABEL"
		out["content"] = literal(fold(shown(v.Get("content"))))
	case "SUBMIT_BUTTON":
		if v.Get("key").String() == "" {
			out["key"] = "submit"
		}
	case "FIDO2":
		name := map[string]string{
			"REGISTER": "publicKeyCredentialCreationOptions", "AUTHENTICATE": "publicKeyCredentialRequestOptions",
		}[v.Get("action").String()]
		if name != "" { // the export does not have the backend's value
			out[name] = map[string]any{
				"challenge": []int{1, 2, 3, 4}, "timeout": 120000, "rpId": "example.com", "allowCredentials": []any{},
				"rp":               map[string]any{"id": "example.com", "name": "Example"},
				"user":             map[string]any{"id": []int{1, 2, 3, 4}, "name": "user", "displayName": "User"},
				"pubKeyCredParams": []any{map[string]any{"type": "public-key", "alg": "-7"}},
			}
		}
	case "AGREEMENT":
		out["inputType"] = "READ_ONLY_TEXT"
	case "SINGLE_CHECKBOX":
		out["inputType"] = "BOOLEAN"
	}
	return out
}

// entryValue is a value of an entry as the service sends it: each text in it as a person reads it.
func entryValue(v gjson.Result) any {
	switch {
	case !strings.Contains(v.Raw, "children"): // none is "slate"
		return json.RawMessage(literal(v.Raw))
	case v.IsObject():
		out := map[string]any{}
		v.ForEach(func(key, value gjson.Result) bool {
			out[literal(key.String())] = entryValue(value)
			return true
		})
		return out
	case v.IsArray():
		out := []any{}
		v.ForEach(func(_, value gjson.Result) bool {
			out = append(out, entryValue(value))
			return true
		})
		return out
	}
	if text := shown(v); text != v.String() {
		return literal(fold(text))
	}
	return json.RawMessage(literal(v.Raw))
}

// option completes an option of a field. For the devices of a user the export has only the
// types; the service also sends an id and a description, which a client posts for the chosen
// one.
func option(field gjson.Result, o map[string]any, number int) map[string]any {
	if field.Get("type").String() == "DEVICE_AUTHENTICATION" {
		if o["id"] == nil {
			o["id"] = fmt.Sprintf("device-%d", number)
		}
		if o["description"] == nil {
			o["description"] = ""
		}
	}
	return o
}

// ErrorBody returns the answer of the service, with status 400, when the flow reaches a
// customErrorMessage.
func ErrorBody(f *Flow, n *Node) ([]byte, error) {
	body := answer(f, n)
	message := literal(cmp.Or(fold(n.Text("errorMessage")), fold(n.Text("errorDescription")), n.Label()))
	body["code"], body["message"], body["httpResponseCode"] = message, message, 400
	body["expected"], body["correlationId"] = true, "{{correlationId}}"
	return encode(body)
}

// EndBody returns the answer of the service when the flow completes the sign-on. For the end
// of a subflow, which really answers its caller, it assumes a caller that redirects.
func EndBody(f *Flow, n *Node) ([]byte, error) {
	body := answer(f, n)
	body["capabilityName"] = "returnSuccessResponseRedirect"
	body["interactionToken"], body["status"], body["success"] = "{{interactionToken}}", "COMPLETED", true
	body["environment"] = map[string]any{"id": "{{envID}}"}
	body["session"] = map[string]any{"id": "{{sessionId}}"}
	body["authorizeResponse"] = map[string]any{"code": "{{code}}", "state": "{{state}}"}
	body["sessionToken"], body["sessionTokenMaxAge"], body["resetCookie"] = "{{sessionToken}}", 2592000, true
	body["_links"] = map[string]any{"next": map[string]any{"href": href}}
	return encode(body)
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write an answer of the flow: %w", err)
	}
	return b.Bytes(), nil
}
