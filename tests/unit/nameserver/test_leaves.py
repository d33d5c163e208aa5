from typing import Any

from dns.btree import KV, BTreeDict

from lab.nameserver.leaves import fill


def test_a_tree_laid_out_at_once_is_a_b_tree() -> None:
    for size in range(400):
        tree: BTreeDict[int, str] = BTreeDict(t=3)
        fill(tree, [KV(one, str(one)) for one in range(size)])
        assert list(tree) == list(range(size))
        assert len(tree) == size
        visited: list[Any] = []
        tree._visit_preorder_by_node(visited.append)
        assert visited[0] is tree.root
        for node in visited:
            assert len(node.elts) <= 5
            assert len(node.elts) >= 2 or node is tree.root
            assert len(node.children) == (0 if node.is_leaf else len(node.elts) + 1)


def test_a_tree_laid_out_at_once_grows_and_shrinks() -> None:
    tree: BTreeDict[int, str] = BTreeDict(t=3)
    fill(tree, [KV(one, str(one)) for one in range(0, 200, 2)])
    for one in range(1, 200, 2):
        tree[one] = str(one)
    for one in range(0, 200, 2):
        del tree[one]
    assert list(tree) == list(range(1, 200, 2))
