Feature: Welcome

  Scenario: A person who signs on gets a mail
    Given the flow "sign-on"
    When I start the flow
    And I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | ${user.password} |
    Then the flow completes
    And the welcome mail to "${user.email}" was sent

  Scenario: A person who does not sign on gets none
    Given the flow "sign-on"
    When I start the flow
    Then the flow pauses at "Sign On Form"
    And no mail was sent

  @broken
  Scenario: A sentence of the other module that does not hold
    Given the flow "sign-on"
    When I start the flow
    Then the flow pauses at "Sign On Form"
    And the welcome mail to "${user.email}" was sent

  @broken
  Scenario: A sentence that neither knows
    Given the flow "sign-on"
    When I start the flow
    Then the welcome mail for "alice" was sent
