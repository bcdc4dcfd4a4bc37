@forms
Feature: Devices, passkeys and fields of unknown types
  A form may show pictures, take a passkey, or carry a field that is newer than
  flowtest. Devices and passkeys come without a button, and the form is sent all the same.

  Background:
    Given the flow "forms"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Account Form"
    When I submit the form with:
      | key                    | value               |
      | user.username          | ${user.username}    |
      | user.email             | ${user.email}       |
      | user.temporaryPassword | ${user.password}    |
      | user.password          | ${user.newPassword} |
    Then the flow pauses at "Preferences Form"
    When I submit the form with:
      | key                | value                                           |
      | contact.channel    | phone                                           |
      | user.primaryPhone  | {"countryCode": "US", "phoneNumber": "5550100"} |
      | user.acceptedTerms | true                                            |
      | riskSignals        | signals-of-this-browser                         |
    Then the flow pauses at "Device Form"

  Scenario: The device form shows more than it asks
    Then the form has the fields:
      | key                | type                |
      | device-image       | IMAGE               |
      | device-qr          | QR_CODE             |
      | deviceRegistration | DEVICE_REGISTRATION |
      | device-agreement   | AGREEMENT           |
      | signature          | SIGNATURE_PAD       |
    And "form.components.fields.#(type==QR_CODE).content" matches "^data:image/png;base64,"
    And "form.components.fields.#(type==AGREEMENT).title" is "Device agreement"
    And the field "deviceRegistration" is required
    And the field "deviceRegistration" has the label "Second factor"
    And the field "signature" is optional
    And "form.description" is "Choose a second factor"
    And "form.components.fields.#(type==AGREEMENT).content" is "We store the device that you choose."
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    And the field "deviceRegistration" has the options:
      | label        | value |
      | Email        | EMAIL |
      | Text message | SMS   |

  Scenario: A field of an unknown type is kept with all that it says
    Then the form offers "signature"
    And the response has:
      | path                                              | value         |
      | form.components.fields.#(key==signature).type     | SIGNATURE_PAD |
      | form.components.fields.#(key==signature).label    | Sign here     |
      | form.components.fields.#(key==signature).penColor | #2B5C8A       |

  Scenario: The passkey form carries what a browser needs
    When I submit the form with:
      | key                | value |
      | deviceRegistration | EMAIL |
    Then the flow pauses at "Passkey Form"
    And the response has:
      | path                                                                                            | value         |
      | form.components.fields.#(type==FIDO2).action                                                    | REGISTER      |
      | form.components.fields.#(type==FIDO2).publicKeyCredentialCreationOptions.rp.id                  | example.com   |
      | form.components.fields.#(type==FIDO2).publicKeyCredentialCreationOptions.user.displayName       | Alice Example |
      | form.components.fields.#(type==FIDO2).publicKeyCredentialCreationOptions.pubKeyCredParams.0.alg | "-7"          |
    And "form.components.fields.#(type==FIDO2).publicKeyCredentialCreationOptions.challenge" is an array
    And the form does not offer "submit"
    And the form has the fields:
      | key     | type  | label                                 |
      |         | LABEL | Sign on without a password next time. |
      | passkey | FIDO2 | Create a passkey                      |
    And the field "passkey" is optional
    And "form.description" is "Offer to make a passkey"
    And the response matches the schema "../schemas/screen.json"

  Scenario: A passkey can wait
    When I submit the form with:
      | key                | value |
      | deviceRegistration | EMAIL |
    Then the flow pauses at "Passkey Form"
    When I submit the form
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |
    And the response matches the schema "../schemas/completed.json"
