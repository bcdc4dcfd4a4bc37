package davinci

// A fieldType is what is known of one type of the entries of form.components.fields.
type fieldType struct {
	posts   string // the JSON kind of what it puts under its key in formData, "" for nothing
	button  bool   // pressing it sends a request
	submits bool   // of a button: with eventType submit, otherwise action
	secret  bool   // what a person types into it is a secret
	options bool   // it takes one or more of its options
}

// fieldTypes are the types that are known. The service may know more.
//
// Source: the field types that Ping's web and Android SDKs implement.
var fieldTypes = map[string]fieldType{
	"TEXT":                  {posts: "string"},
	"PASSWORD":              {posts: "string", secret: true},
	"PASSWORD_VERIFY":       {posts: "string", secret: true},
	"DROPDOWN":              {posts: "string", options: true},
	"RADIO":                 {posts: "string", options: true},
	"COMBOBOX":              {posts: "array", options: true},
	"CHECKBOX":              {posts: "array", options: true},
	"SINGLE_CHECKBOX":       {posts: "boolean"},
	"PHONE_NUMBER":          {posts: "object"}, // {"countryCode":"GB","phoneNumber":"7700900123"}
	"DEVICE_REGISTRATION":   {posts: "string", options: true},
	"DEVICE_AUTHENTICATION": {posts: "object", options: true},
	"PROTECT":               {posts: "string"},
	"FIDO2":                 {posts: "object"},
	"POLLING":               {posts: "string"},
	"METADATA":              {posts: "object"},
	"SUBMIT_BUTTON":         {button: true, submits: true},
	"FLOW_BUTTON":           {button: true},
	"FLOW_LINK":             {button: true},
	"LABEL":                 {},
	"ERROR_DISPLAY":         {},
	"QR_CODE":               {},
	"AGREEMENT":             {},
	"IMAGE":                 {},
	"SOCIAL_LOGIN_BUTTON":   {},
}

// Known reports whether the field's type is one that this client knows.
func (f *Field) Known() bool { return f.known }

// IsButton reports whether pressing the field sends a request.
func (f *Field) IsButton() bool { return f.kind.button }

// Submits reports whether the field is a button that submits the form.
func (f *Field) Submits() bool { return f.kind.submits }

// Fills reports whether the field takes a value. One of an unknown type may.
func (f *Field) Fills() bool {
	return f.Key != "" && !f.kind.button && (f.kind.posts != "" || !f.known)
}

// Secret reports whether what a person types into the field is a secret.
func (f *Field) Secret() bool { return f.kind.secret }

// Takes returns the JSON kind of what the field posts: "string", "array", "boolean"
// or "object". It is "" where the field posts nothing or its type is unknown.
func (f *Field) Takes() string { return f.kind.posts }
