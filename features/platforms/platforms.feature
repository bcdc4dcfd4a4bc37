@platforms
Feature: A flow that is not the same on each platform
  The flow asks an app on Android or iOS to check its device, through an SDK connector, and a
  browser for something that only a person can do.

  Background:
    Given the flow "platforms"

  @smoke
  Scenario: A browser
    Given the platform "javascript"
    When I start the flow
    Then the flow pauses at "Web Form"
    And the field "pictures" is required
    And the field "pictures" has the options:
      | label       | value       |
      | Apple       | apple       |
      | Brick       | brick       |
      | Pears, ripe | pears, ripe |
    And the form has the fields:
      | key      | type          | label                     |
      | pictures | CHECKBOX      | Which of these are fruit? |
      | submit   | SUBMIT_BUTTON | Continue                  |
    And "form.description" is "Prove that you are not a robot"
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | key      | value              |
      | pictures | apple, pears, ripe |
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |
    And the response matches the schema "../schemas/completed.json"

  Scenario Outline: An app on <platform>
    Given the platform "<platform>"
    When I start the flow
    Then the flow pauses at "Device Check"
    And "form.components.fields.#(type==METADATA).payload.operation" is "<operation>"
    And the form has the fields:
      | key          | type     | label                      |
      | about        | LABEL    | The app checks this device |
      | device-check | METADATA |                            |
    And "form.description" is "An app proves that it runs on a real device"
    And the response matches the schema "../schemas/screen.json"
    When I answer "device-check" with:
      """
      {"status": "succeeded"}
      """
    Then the flow completes
    And the session cookies have:
      | httponly | true |
      | secure   | true |

    Examples:
      | platform | operation     |
      | android  | playIntegrity |
      | ios      | appAttest     |

  Scenario Outline: An app on <platform> whose device is not real
    Given the platform "<platform>"
    When I start the flow
    And I answer "device-check" with:
      """
      {"code": "NOT_SUPPORTED", "message": "This device has no attestation"}
      """
    Then the response status is 400
    And the flow reports an error with code "notReal"
    And "message" is "This is not a real device"
    When I answer "device-check" with:
      """
      {"status": "succeeded"}
      """
    Then the flow completes

    Examples:
      | platform |
      | android  |
      | ios      |
