using System.Text.Json.Serialization;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.Names;

namespace CustomerFunctions.Customers;

/// <summary>Who vouches for a customer's email address.</summary>
[JsonConverter(typeof(NamedEnumConverter<EmailProofBy>))]
public enum EmailProofBy
{
    /// <summary>The person whose get-or-create made the customer, with a confirmed address.</summary>
    [JsonStringEnumMemberName("owner")] Owner,

    /// <summary>Staff, by creating the customer with it or by setting it.</summary>
    [JsonStringEnumMemberName("staff")] Staff,

    /// <summary>Whoever reads the address: a link that was mailed to it has been opened.</summary>
    [JsonStringEnumMemberName("link")] Link,
}

/// <summary>
/// Says that an address was proven for one customer. <see cref="Customer.Email"/> is where the customer is written to;
/// only an address that is also proven lets its person join.
/// </summary>
/// <param name="Address">The address, normalised.</param>
/// <param name="By">Who vouches for it.</param>
/// <param name="At">Since when.</param>
/// <param name="Admits">Whether an account with the address may join by it: one account, once. False as well when
/// nobody who makes members has vouched for the address or asked for its proof.</param>
internal sealed record EmailProof(string Address, EmailProofBy By, DateTimeOffset At, bool Admits);

/// <summary>A link that was mailed to a customer's address and proves it when it is opened.</summary>
/// <param name="MailId">The mail that it came with.</param>
/// <param name="ExpiresAt">Until when it is good.</param>
/// <param name="Admits">Whether it also lets the reader join, as an invitation does: set when whoever had it mailed has
/// the permission <c>members.write</c>.</param>
internal sealed record EmailLink(string MailId, DateTimeOffset ExpiresAt, bool Admits);

/// <summary>
/// The rules of proven addresses, as pure functions over the customer. Every writer of the address goes through
/// <see cref="Customer.Start"/> and <see cref="Customer.Change"/>, which say who vouches for it;
/// an address that nobody vouches for is unproven.
/// </summary>
internal static class EmailProofs
{
    /// <summary>As long as the link that confirms an account's address.</summary>
    public static readonly TimeSpan LinkLife = TimeSpan.FromHours(24);

    /// <summary>So many mails may wait in a customer; further notices are not added.</summary>
    private const int MostWaiting = 20;

    /// <summary>Whether both are the same mailbox to the directory, which decides who has an address.</summary>
    public static bool SameMailbox(string address, string other) =>
        DirectoryStore.EmailId(Customer.NormalizeEmail(address)) == DirectoryStore.EmailId(Customer.NormalizeEmail(other));

    /// <summary>
    /// Staff vouch for an address that they set with their platform role's own permission. API keys and service
    /// accounts are a customer's, and an impersonator acts as its person, so none of them vouches; nor does a
    /// sales representative who changes a customer as one of its people.
    /// </summary>
    public static EmailProofBy? WordOf(Caller caller, Permission permission) =>
        caller.Principal.Role is { } role and (Role.Admin or Role.Operator or Role.SalesRep) && Permissions.RolesFor(permission).Contains(role) ? EmailProofBy.Staff : null;

    /// <summary>
    /// The proof of the address that the customer has now; null when there is none. A document from before proofs has
    /// the word of its creator, staff or the owner, if earlier versions have changed nothing in it:
    /// every change of an address has moved <see cref="Customer.UpdatedAt"/>.
    /// </summary>
    public static EmailProof? Of(Customer customer)
    {
        if (customer.EmailProof is { } proof) { return SameMailbox(proof.Address, customer.Email) ? proof : null; }
        if (!customer.IsUnchanged) { return null; }
        var isOwners = customer.Members.Any(member => member.AccountId == customer.CreatedBy);
        return new EmailProof(customer.Email, isOwners ? EmailProofBy.Owner : EmailProofBy.Staff, customer.CreatedAt, Admits: customer.Members.Count == 0);
    }

    /// <summary>
    /// The customer as it is stored: it keeps the proof that a document from before proofs had until now.
    /// </summary>
    public static Customer Kept(Customer before, Customer after) =>
        after.EmailProof is null && SameMailbox(before.Email, after.Email) && Of(before) is { } proof ? after with { EmailProof = proof } : after;

    /// <summary>Whether an account with this confirmed address may join.</summary>
    public static bool Admits(Customer customer, string confirmedAddress) => Of(customer) is { Admits: true } proof && SameMailbox(proof.Address, confirmedAddress);

    /// <summary>
    /// The customer whose proof lets nobody join any more: an account with this address has joined, or was removed and
    /// must not return by it.
    /// </summary>
    public static Customer Used(Customer customer, string address) => Admits(customer, address) ? customer with { EmailProof = Of(customer)! with { Admits = false } } : customer;

    /// <summary>
    /// The customer with its address proven by the link of this mail; null when the link is used, over, or of an
    /// earlier address.
    /// </summary>
    public static Customer? Opened(Customer customer, string mailId, DateTimeOffset now) => customer is { DeletedAt: null, EmailLink: { } link } && link.MailId == mailId && link.ExpiresAt > now
        ? customer with { EmailProof = new EmailProof(customer.Email, EmailProofBy.Link, now, link.Admits), EmailLink = null, UpdatedAt = now, UpdatedBy = LinkReader }
        : null;

    /// <summary>Who it is in records that has opened a link: nobody has signed in.</summary>
    public const string LinkReader = "email-link";

    /// <summary>
    /// The customer with a link to its address in line. It takes the place of an earlier one, and admits if that did.
    /// </summary>
    public static Customer WithLink(Customer customer, bool admits, TimeProvider clock)
    {
        var mail = News(MailTemplate.ConfirmCustomerEmail, customer.Email, customer, clock, LinkLife);
        return InLine(customer with { EmailLink = new EmailLink(mail.Id, mail.LinkExpiresAt!.Value, admits || customer.EmailLink?.Admits == true) }, mail);
    }

    /// <summary>
    /// The customer with what is to be told of its new address: to the new one with a link, to the old one without.
    /// Nothing of an address that somebody vouches for.
    /// </summary>
    public static Customer Told(Customer before, Customer after, bool admits, TimeProvider clock) => SameMailbox(before.Email, after.Email) || Of(after) is not null
        ? after
        : WithLink(InLine(after, News(MailTemplate.CustomerEmailChanged, before.Email, after, clock, linkLife: null)), admits, clock);

    private static PendingMail News(MailTemplate template, string to, Customer customer, TimeProvider clock, TimeSpan? linkLife) =>
        PendingMail.Of(template, to, clock, linkLife) with { About = new MailSubject(customer.Id, customer.Name, customer.Id) };

    /// <summary>
    /// A link replaces an earlier one that was not sent yet. The first notices stay when nothing gets through for long:
    /// they went to the addresses that were there before.
    /// </summary>
    private static Customer InLine(Customer customer, PendingMail mail)
    {
        var waiting = mail.LinkExpiresAt is null ? customer.Mail : [.. customer.Mail.Where(other => other.LinkExpiresAt is null)];
        var isTold = mail.LinkExpiresAt is null && (waiting.Count >= MostWaiting || waiting.Any(other => other.Template == mail.Template && other.To == mail.To));
        return isTold ? customer : customer with { Mail = [.. waiting, mail], MailDueAt = mail.DueAt, MailAttempts = 0 };
    }
}
