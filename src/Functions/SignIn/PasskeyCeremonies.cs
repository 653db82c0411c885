using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using CustomerFunctions.Accounts;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CustomerFunctions.SignIn;

/// <summary>
/// WebAuthn by ASP.NET Core Identity's handler, over one account that was read before: the handler takes whatever goes wrong in it for a wrong answer, so nothing that can be down is
/// asked from inside. The user is always verified (by a PIN, a finger), so a passkey is two factors in one.
/// </summary>
internal sealed class PasskeyCeremonies(AppSettings settings)
{
    /// <summary>How long a person may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly IOptions<IdentityPasskeyOptions> options = Options.Create(new IdentityPasskeyOptions
    {
        ServerDomain = settings.Passkeys.Domain,
        UserVerificationRequirement = "required",
        ResidentKeyRequirement = "required",
        AuthenticatorTimeout = Patience,
        ValidateOrigin = origin => ValueTask.FromResult(!origin.CrossOrigin && settings.Passkeys.Admits(origin.Origin)),
    });

    public static string Id(byte[] credentialId) => Base64Url.EncodeToString(credentialId);

    /// <summary>What a browser is asked to make a passkey for the account, and what is to be remembered of it.</summary>
    public async Task<(JsonObject Options, string State)> AskToCreate(Account account, HttpContext context)
    {
        var made = await Handler(account, context).MakeCreationOptionsAsync(new PasskeyUserEntity { Id = account.Id, Name = account.Email, DisplayName = account.Name }, context);
        return (JsonNode.Parse(made.CreationOptionsJson)!.AsObject(), made.AttestationState!);
    }

    /// <summary>The passkey that the browser has made; null when its answer does not fit.</summary>
    public async Task<UserPasskeyInfo?> Created(Account account, JsonObject credential, string state, HttpContext context)
    {
        var result = await Handler(account, context).PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = context, CredentialJson = credential.ToJsonString(), AttestationState = state });
        return result.Succeeded ? result.Passkey : null;
    }

    /// <summary>What a browser is asked to use any passkey that it has for this site.</summary>
    public async Task<(JsonObject Options, string State)> AskToSignIn(HttpContext context)
    {
        var made = await Handler(account: null, context).MakeRequestOptionsAsync(user: null, context);
        return (JsonNode.Parse(made.RequestOptionsJson)!.AsObject(), made.AssertionState!);
    }

    /// <summary>The account's passkey as it is after this use; null when the answer is not its.</summary>
    public async Task<UserPasskeyInfo?> Used(Account account, JsonObject credential, string state, HttpContext context)
    {
        var result = await Handler(account, context).PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = context, CredentialJson = credential.ToJsonString(), AssertionState = state });
        return result.Succeeded ? result.Passkey : null;
    }

    /// <summary>The id of the account that the browser's answer says it is of; null when it says none.</summary>
    public static string? ClaimedAccount(JsonObject credential)
    {
        var handle = (credential["response"] as JsonObject)?["userHandle"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
        if (handle.Length > 100 || !Base64Url.IsValid(handle)) { return null; }
        var id = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(handle));
        return Ids.IsValid(id, "acc_") ? id : null;
    }

    private PasskeyHandler<Account> Handler(Account? account, HttpContext context)
    {
        var users = new UserManager<Account>(
            new OneAccount(account), Options.Create(new IdentityOptions()), new PasswordHasher<Account>(), [], [], new UpperInvariantLookupNormalizer(), new IdentityErrorDescriber(),
            context.RequestServices, NullLogger<UserManager<Account>>.Instance);
        return new PasskeyHandler<Account>(users, options);
    }
}
