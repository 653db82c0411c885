using System.Text;
using CustomerFunctions.Access;
using CustomerFunctions.Tests.Access;

namespace CustomerFunctions.Tests.Docs;

/// <summary>The table in docs/access.md is the code's; UPDATE_DOCS=1 writes it anew.</summary>
public sealed class AccessTableTests
{
    private static readonly (Role Role, string Name)[] Columns =
    [
        (Role.Admin, "admin"), (Role.Operator, "operator"), (Role.SalesRep, "sales rep"), (Role.CustomerOwner, "owner"), (Role.CustomerAdmin, "customer's admin"), (Role.CustomerMember, "member"),
        (Role.CustomerViewer, "viewer"), (Role.CustomerKey, "API key"), (Role.ServiceAccount, "service account"), (Role.Person, "any person, own"),
    ];

    [Fact]
    public async Task The_table_in_the_docs_is_the_codes() => WrittenTable.ShouldStandIn("access.md", nameof(AccessTableTests), Table(PolicyTests.Routes(await (await App.Shared).Description)));

    private static string Table(IReadOnlyList<PolicyTests.Route> routes)
    {
        var table = new StringBuilder("| permission | " + string.Join(" | ", Columns.Select(column => column.Name)) + " | routes |\n|---|" + string.Concat(Columns.Select(_ => ":-:|")) + "---|\n");
        foreach (var permission in Permissions.All)
        {
            var roles = Permissions.RolesFor(permission);
            var asking = routes.Where(route => route.Permission == permission).Select(route => $"`{route.Method} {route.Path}`").Order(StringComparer.Ordinal);
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{Permissions.Name(permission)}`{(Permissions.IsClosedToImpersonators(permission) ? " \\*" : "")} | ")
                .AppendJoin(" | ", Columns.Select(column => roles.Contains(column.Role) ? "●" : " ")).Append(" | ").AppendJoin("<br>", asking).Append(" |\n");
        }
        var open = routes.Where(route => route.Permission is null).Select(route => $"`{route.Method} {route.Path}`").Order(StringComparer.Ordinal);
        return table.Append("\nWithout a credential of ours (open, or proven in another way): ").AppendJoin(", ", open).Append(".\n").ToString();
    }
}
