// Package davinci reads the protocol of DaVinci flows: the endpoints, the meaning of an
// answer, its screen and fields, and the data model of the documentation. It sends
// nothing and does not know recordings.
//
// [Reader.Read] reads an [Answer], which has a [Screen] with a [Field] for each input and button.
// An [Exchange] is a request with its response; it returns the [Endpoint] of the request.
package davinci

import (
	"slices"

	"github.com/tidwall/gjson"
)

// A Property is one row of the table "DaVinci flow capabilities data model properties".
type Property struct {
	// Path is the dotted JSON path as the page prints it, for example
	// "form.components.fields". It is never empty.
	Path string

	// Kind is the JSON kind of the value according to the page: "string", "boolean" or
	// "object".
	Kind string

	// Doubt is empty, or says where the page disagrees with itself or with the wire.
	Doubt string
}

// Properties returns every row in the page's order. The slice is the caller's.
//
// Source: "DaVinci flow capabilities data model properties"; both official
// pages print the same table.
func Properties() []Property { return slices.Clone(table) }

// KindOf returns the JSON kind of a value in the words of [Property.Kind], "null", or "nothing"
// if there is no value.
func KindOf(v gjson.Result) string {
	switch {
	case !v.Exists():
		return "nothing"
	case v.IsArray():
		return "array"
	case v.IsObject():
		return "object"
	case v.IsBool():
		return "boolean"
	case v.Type == gjson.String:
		return "string"
	case v.Type == gjson.Number:
		return "number"
	default:
		return "null"
	}
}

// secretPaths are the paths of response values that are secrets.
//
// Source: the rows of the table whose text says so, and the completed response
// with token response types.
var secretPaths = []string{
	"interactionToken",
	"authorizeResponse.code", "authorizeResponse.access_token", "authorizeResponse.id_token",
	"authorizeResponse.refresh_token",
	"session.id", "sessionToken", "access_token", "id_token", "refresh_token", "dvResponse",
}

// The doubts that more than one row shares.
const (
	doubtShort   = "absent in the short form of a completed response, in a 200 FAILED and after a time-out"
	doubtPosted  = "the page calls it mutable, but no client posts it"
	doubtRequest = "is in requests only; the page does not say so"
)

// table holds the rows in the page's order.
var table = []Property{
	{"authorizeResponse", "object", ""},
	{
		"authorizeResponse.code", "string",
		"absent where response_type asks for tokens: the page's own sample carries access_token and id_token",
	},
	{"companyId", "string", doubtShort},
	{"capabilityName", "string", doubtShort},
	{"connectionId", "string", doubtShort},
	{"environment", "object", "is in completed and failed responses, never on a screen"},
	{"environment.id", "string", "is in completed and failed responses, never on a screen"},
	{
		"eventName", "string",
		"absent on customForm screens and in detailed responses, where clients take \"continue\"",
	},
	{"flowId", "string", "absent on customForm screens, in completed responses and in errors"},
	{"form", "object", doubtPosted},
	{"form.name", "string", doubtPosted},
	{"form.description", "string", "often empty; " + doubtPosted},
	{"form.category", "string", "seen are CUSTOM_HTML and CUSTOM_FORM; " + doubtPosted},
	{"form.components", "object", doubtPosted},
	{"form.components.fields", "object", "the table says Object, the page's own sample and the wire carry an array"},
	{"id", "string", "the page says resource id; it is the node's id, and in a PingOne error the id of the error"},
	{"interactionId", "string", doubtShort},
	{
		"interactionToken", "string",
		"absent in errors; may be the literal \"deprecated\", and may come as a cookie only",
	},
	{
		"isResponseCompatibleWithMobileAndWebSdks", "boolean",
		"absent in detailed responses and in the short form of a completed one; no client reads it",
	},
	{
		"parameters", "object",
		doubtRequest + "; not sent when an identity provider or an SDK connector resumes the flow",
	},
	{
		"parameters.eventType", "string",
		doubtRequest + "; the page lists action and submit, the SDKs send polling too",
	},
	{
		"parameters.data", "object",
		doubtRequest + "; the page repeats the options of eventType, it holds actionKey and formData",
	},
	{
		"parameters.data.actionKey", "string",
		doubtRequest + "; the page ties it to action, it is sent with submit too",
	},
	{"parameters.data.formData", "object", doubtRequest + "; a flow button may be pressed without it"},
	{
		"parameters.data.formData.{{attribute}}", "string",
		doubtRequest + "; the page says String, fields also take arrays, booleans and objects",
	},
	{"resetCookie", "boolean", "is in full completed responses, at times on the first screen"},
	{"session", "object", ""},
	{"session.id", "string", ""},
	{"status", "string", "the table's example is COMPLETE, the page's sample and the wire say COMPLETED"},
	{"subFlowSettings", "object", "is in completed responses after a subflow with screens"},
	{"success", "boolean", "true on screens too, so it does not mark the end of a flow"},
}
