using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Accounts;

/// <summary>Who the administrators are, in one document.</summary>
internal sealed record Administrators : Document
{
    public const string DocumentType = "administrators";
    public const string DocumentId = "administrators";

    public IReadOnlyList<string> AccountIds { get; init; } = [];
}

/// <summary>
/// Keeps the last administrator from going. That rule is about all accounts, so it has a document of its own: an account is entered before it becomes an administrator and struck out
/// before it ceases to be one. A crash in between leaves one too many entered, who does not count because the account is asked, or an administrator who is not entered and whom nobody can
/// remove before somebody else is.
/// </summary>
internal sealed class AdminRegister(AzureClients azure, AccountStore accounts)
{
    private readonly Documents documents = new(azure, "directory");

    public async Task Enter(string accountId, CancellationToken cancellation)
    {
        for (var done = false; !done;)
        {
            var stored = await Read(cancellation);
            if (stored?.Value.AccountIds.Contains(accountId) == true) { return; }
            var entered = (stored?.Value ?? New()) with { AccountIds = [.. stored?.Value.AccountIds ?? [], accountId] };
            done = await Save(stored, entered, cancellation);
        }
    }

    /// <summary>False when no other administrator is left who can sign in.</summary>
    public async Task<bool> TryStrikeOut(string accountId, CancellationToken cancellation)
    {
        while (true)
        {
            var stored = await Read(cancellation);
            List<string> others = [.. (stored?.Value.AccountIds ?? []).Where(id => id != accountId)];
            var isThereAnother = false;
            foreach (var id in others) { isThereAnother = isThereAnother || await accounts.Read(id, cancellation) is { Value: { Role: PlatformRole.Admin, Disabled: false } }; }
            if (!isThereAnother) { return false; }
            if (await Save(stored, stored!.Value with { AccountIds = others }, cancellation)) { return true; }
        }
    }

    private Task<Stored<Administrators>?> Read(CancellationToken cancellation) => documents.Read(Administrators.DocumentId, Administrators.DocumentId, StoreJson.Default.Administrators, cancellation);

    private async Task<bool> Save(Stored<Administrators>? before, Administrators after, CancellationToken cancellation) => before is null
        ? await documents.TryCreate(after.Id, after, StoreJson.Default.Administrators, cancellation) is not null
        : await documents.TryReplace(after.Id, before, after, StoreJson.Default.Administrators, cancellation) is not null;

    private static Administrators New() => new() { Id = Administrators.DocumentId, Type = Administrators.DocumentType };
}
